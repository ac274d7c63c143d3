//! Which segments become one (`Cleaner.groupSegmentsBySize`), so that compaction does not leave ever smaller ones.

use std::collections::VecDeque;
use std::sync::Arc;

use headwater_base::Offset;

use crate::error::LogError;
use crate::segment::Segment;

/// What a segment adds to a group.
struct Sizes {
    log: u64,
    offsets: u64,
    times: u64,
}

fn sizes(segment: &Segment) -> Result<Sizes, LogError> {
    let (offsets, times) = segment.index_bytes()?;
    Ok(Sizes { log: segment.size()?, offsets, times })
}

/// Groups neighbours as long as their files together, and the span of their offsets, fit one segment.
pub(super) fn group(
    segments: &[Arc<Segment>],
    segment_bytes: u64,
    index_bytes: u64,
    first_uncleanable: Offset,
) -> Result<VecDeque<Vec<Arc<Segment>>>, LogError> {
    let mut groups: VecDeque<Vec<Arc<Segment>>> = VecDeque::new();
    let mut sum = Sizes { log: 0, offsets: 0, times: 0 };
    for (index, segment) in segments.iter().enumerate() {
        let more = sizes(segment)?;
        // The next segment's base is the largest offset that this one may have, without a look into it.
        let end = segments.get(index + 1).map_or(first_uncleanable, |next| next.base());
        let together = Sizes {
            log: sum.log + more.log,
            offsets: sum.offsets + more.offsets,
            times: sum.times + more.times,
        };
        match groups.back_mut() {
            Some(group)
                if together.log <= segment_bytes
                    && together.offsets <= index_bytes
                    && together.times <= index_bytes
                    && (more.log == 0 || end + -1 - group[0].base() <= i64::from(i32::MAX)) =>
            {
                group.push(segment.clone());
                sum = together;
            }
            _ => {
                groups.push_back(vec![segment.clone()]);
                sum = more;
            }
        }
    }
    Ok(groups)
}
