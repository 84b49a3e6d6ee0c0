package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redis serves Argo CD's cache at the address that its one argument names: a Redis in memory, so that none has to be
// installed. Its clock stands still unless it is moved, and entries would never expire.
func redis() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: redis-server HOST:PORT"))
	}
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(os.Args[1]); err != nil {
		fail(err)
	}
	defer server.Close()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	last := time.Now()
	for ticks := time.Tick(time.Second / 4); ; {
		select {
		case now := <-ticks:
			server.FastForward(now.Sub(last))
			last = now
		case <-ended:
			return
		}
	}
}
