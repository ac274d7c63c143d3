// Package frame is what the checks of the Go clients share: one line of output for each check, then the sum; see lib/checks.py.
package frame

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const secondsPerCheck = 60

// Bootstrap is the broker's host:port.
var Bootstrap = func() string {
	if address := os.Getenv("BOOTSTRAP"); address != "" {
		return address
	}
	return "127.0.0.1:9092"
}()

// Codecs are the names of all codecs.
var Codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

type check struct {
	name string
	run  func(context.Context)
}

var checks []check

// Add registers a check.
func Add(name string, run func(context.Context)) { checks = append(checks, check{name, run}) }

// failure is what a check panics with; anything else that panics is a failure too.
type failure string

// Fail ends the check with a reason.
func Fail(format string, values ...any) { panic(failure(fmt.Sprintf(format, values...))) }

// Must fails if there is an error.
func Must(err error) {
	if err != nil {
		Fail("%v", err)
	}
}

// Equal fails if the two differ.
func Equal[T comparable](found, expected T, what string) {
	if found != expected {
		Fail("%s: found %.200v, expected %.200v", what, found, expected)
	}
}

// Fresh makes a topic name nobody used before.
func Fresh(word string) string {
	var random [5]byte
	rand.Read(random[:])
	return "go-" + word + "-" + hex.EncodeToString(random[:])
}

// Eventually repeats until it holds, for 15 s: the reference answers changes of metadata before its broker has applied them.
func Eventually(what string, holds func() bool) {
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	Fail("never: %s", what)
}

// Numbers are the values from, from+1 … end-1 as text.
func Numbers(from, end int) []string {
	var all []string
	for i := from; i < end; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

// attempt runs one check and returns why it failed ("" if it did not).
func attempt(each check) (why string) {
	ctx, cancel := context.WithTimeout(context.Background(), secondsPerCheck*time.Second)
	defer cancel()
	done := make(chan string, 1)
	go func() {
		defer func() {
			if reason := recover(); reason != nil {
				done <- fmt.Sprint(reason)
				return
			}
			done <- ""
		}()
		each.run(ctx)
	}()
	select {
	case why = <-done:
		return why
	case <-time.After((secondsPerCheck + 1) * time.Second):
		return fmt.Sprintf("not done within %d s", secondsPerCheck)
	}
}

func runChecks(only string) int {
	passed, failed := 0, 0
	for _, each := range checks {
		if !strings.Contains(each.name, only) {
			continue
		}
		begun := time.Now()
		if why := attempt(each); why == "" {
			passed++
			fmt.Println("ok", each.name)
		} else {
			failed++
			fmt.Printf("FAIL %s %.400s\n", each.name, strings.ReplaceAll(why, "\n", " "))
		}
		if os.Getenv("TIMES") != "" {
			fmt.Printf("  %d ms\n", time.Since(begun).Milliseconds())
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	return min(failed, 1)
}

// Member is a member of a group until SIGTERM (conformance/groups), in the clients that set it.
var Member func(topic, group string, options map[string]string)

// Run obeys the command line: [PART OF A NAME] | produce TOPIC COUNT CODEC | consume TOPIC COUNT.
func Run(produce func(topic string, count int, codec string), consume func(topic string, count int)) {
	arguments := append(os.Args[1:], "", "", "", "")
	count, _ := strconv.Atoi(arguments[2])
	defer func() {
		if reason := recover(); reason != nil {
			fmt.Fprintln(os.Stderr, reason)
			os.Exit(1)
		}
	}()
	switch arguments[0] {
	case "member":
		options := map[string]string{}
		for _, each := range arguments[3:] {
			if key, value, found := strings.Cut(each, "="); found {
				options[key] = value
			}
		}
		Member(arguments[1], arguments[2], options)
	case "produce":
		produce(arguments[1], count, arguments[3])
	case "consume":
		consume(arguments[1], count)
	default:
		os.Exit(runChecks(arguments[0]))
	}
}

// The stream that one client writes and another reads; see lib/checks.py.

// CrossingKey is the key of record i.
func CrossingKey(i int) []byte { return fmt.Appendf(nil, "k%d", i%7) }

// CrossingValue is the value of record i.
func CrossingValue(i int) []byte { return fmt.Appendf(nil, "%d:%s", i, strings.Repeat("x", i*31%97)) }

// CrossingReader checks the stream: every byte, no record twice, order per key.
type CrossingReader struct {
	next map[string]int
	seen int
}

// Take looks at the next record.
func (reader *CrossingReader) Take(key, value []byte) {
	if reader.next == nil {
		reader.next = map[string]int{}
	}
	i, known := reader.next[string(key)]
	if !known {
		fmt.Sscanf(string(key), "k%d", &i)
	}
	if !bytes.Equal(value, CrossingValue(i)) {
		Fail("record %d: found %.100q", i, value)
	}
	reader.next[string(key)] = i + 7
	reader.seen++
}

// Finish makes sure that there were `count` records.
func (reader *CrossingReader) Finish(count int) {
	Equal(reader.seen, count, "records")
	fmt.Println(count, "records, every byte and the order of each key as written")
}
