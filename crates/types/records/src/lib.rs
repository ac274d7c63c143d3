//! Record batches: views, builder, validation, compression, CRC.
