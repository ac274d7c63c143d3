// Checks of franz-go against the broker at $BOOTSTRAP.
//
//	franz-go-checks [PART OF A NAME]
//	franz-go-checks produce TOPIC COUNT CODEC | consume TOPIC COUNT    (for conformance/crossing)
//	franz-go-checks topic TOPIC PARTITIONS                             (creates it)
//	franz-go-checks hash TOPIC COUNT                                   (for conformance/flights)
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

const secondsPerCheck = 60

var bootstrap = func() string {
	if address := os.Getenv("BOOTSTRAP"); address != "" {
		return address
	}
	return "127.0.0.1:9092"
}()

type check struct {
	name string
	run  func(context.Context)
}

var checks []check

func add(name string, run func(context.Context)) { checks = append(checks, check{name, run}) }

// failure is what a check panics with; anything else that panics is a failure too.
type failure string

func fail(format string, values ...any) { panic(failure(fmt.Sprintf(format, values...))) }

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func equal[T comparable](found, expected T, what string) {
	if found != expected {
		fail("%s: found %.200v, expected %.200v", what, found, expected)
	}
}

func fresh(word string) string {
	var bytes [5]byte
	rand.Read(bytes[:])
	return "go-" + word + "-" + hex.EncodeToString(bytes[:])
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
	registerData()
	registerAdmin()
	registerAdministration()
	registerVersions()
	registerGroups()
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

func main() {
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
		beMember(arguments[1], arguments[2], arguments[3:])
	case "produce":
		produceCrossing(arguments[1], count, arguments[3])
	case "consume":
		consumeCrossing(arguments[1], count)
	case "topic":
		ctx := context.Background()
		must(kerr.ErrorForCode(createRequest(ctx, arguments[1], int32(count), 1, nil, false).ErrorCode))
		awaitListed(ctx, arguments[1], true)
	case "hash":
		hashTopic(arguments[1], count)
	default:
		os.Exit(runChecks(arguments[0]))
	}
}
