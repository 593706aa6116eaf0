#!/usr/bin/env node
// In git, so that npm can link the command before the packages are built.
await import('../dist/main.js')
