//go:build packages

// Package packages names the programs that are built as they are, so that go.mod keeps their modules.
package main

import _ "sigs.k8s.io/kustomize/kustomize/v5"
