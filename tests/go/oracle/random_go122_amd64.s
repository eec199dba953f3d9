//go:build go1.22

#include "textflag.h"

// wyrand replaces runtime.rand. As that, it takes nothing and returns in AX.
TEXT ·wyrand(SB), NOSPLIT|NOFRAME, $0
	MOVQ $0xa0761d6478bd642f, DX
	ADDQ ·wyrandState(SB), DX
	MOVQ DX, ·wyrandState(SB)
	MOVQ $0xe7037ed1a0b428db, AX
	XORQ DX, AX
	MULQ DX
	XORQ DX, AX
	RET

// func wyrandAddress() uintptr
TEXT ·wyrandAddress(SB), NOSPLIT, $0-8
	LEAQ ·wyrand(SB), AX
	MOVQ AX, ret+0(FP)
	RET
