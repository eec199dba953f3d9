//go:build !go1.22

#include "textflag.h"

// func thread() unsafe.Pointer
// The runtime's m: the seventh word of the g.
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ 48(AX), AX
	MOVQ AX, ret+0(FP)
	RET
