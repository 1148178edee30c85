import { test } from "uvu";
import * as assert from "uvu/assert";
import { mixOf } from "../../../bench/compilers/loops.js";

test("AMD: the innermost loop with most multiply-adds, VOPD as two instructions", () => {
  const listing = `
BB0:
	s_load_b128 s[0:3], s[4:5], 0x10                            ; f4080002
BB1:
	s_waitcnt vmcnt(0)                                          ; bf8903f7
	buffer_load_b128 v[4:7], v0, s[0:3], 0 offen                ; e05c0000
BB2:
	ds_load_b128 v[8:11], v1 offset:64                          ; dbfc0040
	ds_read2_b32 v[2:3], v1 offset1:9                           ; d8dc0900
	v_dual_fmac_f32 v12, v8, v4 :: v_dual_mov_b32 v13, v5       ; c8000100
	v_fma_f32 v14, v9, v4, v14                                  ; d613000e
	v_add_nc_u32_e32 v1, 4, v1                                  ; 4a020284
	s_cbranch_scc1 BB2                                          ; bf85fff6
	s_cbranch_vccnz BB1                                         ; bf87fff0
BB3:
	global_store_dwordx2 v[0:1], v[2:3], off                    ; dc740000
	s_endpgm                                                    ; bfb00000
`;
  const { all, loops } = mixOf(listing, "amd");
  assert.is(loops.length, 1, "the outer loop is none of the inner ones");
  const [{ from, to, instructions, counts }] = loops;
  assert.equal([from, to, instructions], ["BB2", "BB2", 8]);
  assert.equal(counts, {
    ldsLoad: 2,
    ldsLoadBytes: 16 + 8,
    fma: 2,
    move: 1,
    valu: 1,
    branch: 2,
  });
  assert.equal([all.scalarLoad, all.load, all.loadBytes, all.wait], [1, 1, 16, 1]);
  assert.equal([all.store, all.storeBytes, all.salu], [1, 8, 1]);
});

test("Intel: a send is counted by the message in the line after it", () => {
  const listing = `
   Native code for unnamed compute shader
LABEL1:
mov(16)         g10<1>UD        g0<0,1,0>UD                     { align1 1H };
send(16)        g20UD           g10UD           nullUD          0x04200500                0x00000000
                            slm MsgDesc: ( load, a32, d32, V4, L1STATE_L3MOCS dst_len = 8 flat )  base_offset 0  { align1 1H };
send(16)        g30UD           g10UD           nullUD          0x04200500                0x01000000
                            ugm MsgDesc: ( load, a32, d32, V1, L1STATE_L3MOCS dst_len = 2 bti )  BTI 1  { align1 1H };
mad(16)         g40<1>F         g40<1,1,1>F     g20<1,1,1>F     g30<1,1,1>F { align1 1H };
(+f0.0) add(16) g10<1>D         g10<8,8,1>D     4D              { align1 1H };

LABEL0:
(-f0.0) while(16) JIP:  LABEL1                                  { align1 1H };
send(16)        nullUD          g50UD           g73UD           0x64000504                0x03000080
                            ugm MsgDesc: ( store, a32, d32, V2, L1STATE_L3MOCS dst_len = 0 bti )  BTI 3  { align1 1H EOT };
`;
  const { all, loops } = mixOf(listing, "intel");
  const [{ from, to, counts }] = loops;
  assert.equal([from, to], ["LABEL1", "LABEL0"]);
  assert.equal([counts.ldsLoad, counts.ldsLoadBytes], [1, 16]);
  assert.equal([counts.load, counts.loadBytes], [1, 4]);
  assert.equal([counts.fma, counts.move, counts.valu, counts.branch], [1, 1, 1, 1]);
  assert.equal([all.store, all.storeBytes], [1, 8]);
});

test("NVIDIA: a loop that only waits at the end of the program is none", () => {
  const listing = `
.text.kernel:
        /*0000*/                   S2R R0, SR_TID.X ;
.L_x_0:
        /*0010*/                   LDS.128 R4, [R0] ;
        /*0020*/                   FFMA R8, R4, R5.reuse, R8 ;
        /*0030*/                   FFMA R9, R4, R6, R9 ;
        /*0040*/                   IADD3 R0, R0, 0x10, RZ ;
        /*0050*/               @!P0 BRA \`(.L_x_0) ;
        /*0060*/               @P1 EXIT ;
        /*0070*/                   STG.E.64 [R2.64], R8 ;
        /*0080*/                   EXIT ;
.L_x_1:
        /*0090*/                   BRA \`(.L_x_1);
        /*00a0*/                   NOP;
`;
  const { all, loops } = mixOf(listing, "nvidia");
  assert.is(loops.length, 1);
  const [{ from, counts }] = loops;
  assert.is(from, ".L_x_0");
  assert.equal([counts.fma, counts.ldsLoad, counts.ldsLoadBytes], [2, 1, 16]);
  assert.equal([all.store, all.storeBytes, all.wait], [1, 8, 1]);
});

test("a program without a loop has none, and is counted as a whole", () => {
  const { all, loops } = mixOf("BB0:\n\tv_mul_f32 v0, v1, v2\n\ts_endpgm\n", "amd");
  assert.equal(loops, []);
  assert.equal(all, { valu: 1, salu: 1 });
});

test.run();
