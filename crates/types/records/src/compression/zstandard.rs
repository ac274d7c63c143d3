//! Zstandard frames, one after the other.

use zstd::zstd_safe::{
    CCtx, CParameter, DCtx, DParameter, InBuffer, OutBuffer, ResetDirective, compress_bound,
};

/// log₂ of the largest window a frame may ask for, as zstd's own default: 128 MiB. The memory is touched only as far
/// as bytes come out, and given back after a batch that needed more than a scratch may keep.
const WINDOW_LOG_MAX: u32 = 27;
/// Kafka's default level.
const DEFAULT_LEVEL: i32 = 3;

pub(super) fn compress(level: Option<i32>, bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + compress_bound(bytes.len()), 0);
    let mut context = CCtx::create();
    let level = level.unwrap_or(DEFAULT_LEVEL);
    context.set_parameter(CParameter::CompressionLevel(level)).expect("the library clamps levels");
    let length = context.compress2(&mut out[start..], bytes).expect("the output is as large as it can get");
    out.truncate(start + length);
}

pub(super) struct Stream<'a> {
    input: &'a [u8],
    context: &'a mut DCtx<'static>,
    inside_frame: bool,
}

impl<'a> Stream<'a> {
    pub(super) fn new(
        input: &'a [u8],
        context: &'a mut Option<DCtx<'static>>,
    ) -> Result<Stream<'a>, &'static str> {
        if context.is_none() {
            let mut fresh = DCtx::try_create().ok_or("out of memory")?;
            fresh
                .set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))
                .map_err(|_| "unsupported window")?;
            *context = Some(fresh);
        }
        let context = context.as_mut().expect("was made above");
        context.reset(ResetDirective::SessionOnly).map_err(|_| "cannot reset")?;
        Ok(Stream { input, context, inside_frame: true })
    }

    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        loop {
            if self.input.is_empty() && !self.inside_frame {
                return Ok(0);
            }
            let mut source = InBuffer::around(self.input);
            let mut target = OutBuffer::around(&mut *out);
            let wanted =
                self.context.decompress_stream(&mut target, &mut source).map_err(|_| "invalid frame")?;
            let (used, made) = (source.pos(), target.pos());
            self.input = &self.input[used..];
            self.inside_frame = wanted != 0;
            if made > 0 {
                return Ok(made);
            }
            if used == 0 && self.inside_frame {
                return Err("unexpected end of input");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::decompress;
    use super::*;
    use crate::header::Codec;

    #[test]
    fn frames_follow_one_another() {
        let mut packed = Vec::new();
        compress(None, b"one ", &mut packed);
        packed.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
        compress(Some(19), b"two", &mut packed);
        assert_eq!(decompress(Codec::Zstd, &packed, 100).unwrap(), b"one two");
    }

    #[test]
    fn a_frame_of_a_huge_window_is_refused() {
        // Magic, no single segment, window exponent 31.
        let packed = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 31 << 3, 1, 0, 0];
        assert!(decompress(Codec::Zstd, &packed, 100).is_err());
    }
}
