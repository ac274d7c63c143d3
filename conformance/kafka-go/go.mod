module headwater/conformance/kafka-go

go 1.26.0

require (
	github.com/segmentio/kafka-go v0.4.51
	headwater/conformance/frame v0.0.0
)

require (
	github.com/klauspost/compress v1.15.9 // indirect
	github.com/pierrec/lz4/v4 v4.1.15 // indirect
)

replace headwater/conformance/frame => ../lib/frame
