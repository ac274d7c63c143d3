module headwater/conformance/frame

go 1.26.0
