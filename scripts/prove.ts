// deno task prove --out runs/prove [--quick] [--variant think|nothink|both]
import { runCommand } from "../lib/cli/command.ts";
import { ProveOptions } from "../lib/prove/prove_options.ts";

if (import.meta.main) {
  await runCommand({
    name: "prove",
    summary: "trains the embedded policy on what the builders make of its own replies, beside " +
      "controls, and measures what that changed (TRL; the Python environment is made once)",
    examples: [
      "prove --quick",
      "prove --out runs/prove --variant both",
      "prove --train-seed 1 --train-seed 2 --train-seed 3 --rounds 2",
    ],
    options: ProveOptions,
    run: async (options, context) => {
      const { prove } = await import("../lib/prove/prove.ts");
      const { CAVEAT, writeProofPage } = await import("../lib/prove/proof_page.ts");
      const { proofTable, seedsTable } = await import("../lib/prove/proof_table.ts");
      const { writeProofs } = await import("../lib/prove/proof_file.ts");
      const { tableLines } = await import("../lib/evaluate/evaluation_table.ts");
      const proofs = await prove(options, context);
      writeProofs(options.out, proofs);
      await writeProofPage(options.out, proofs);
      let failed = 0;
      for (const proof of proofs) {
        console.log(`${proof.variant}: shares in per cent, change against zero [95% interval]`);
        tableLines(proofTable(proof)).forEach((line) => console.log(line));
        const seeds = seedsTable(proof);
        if (seeds.length > 0) {
          console.log("over training seeds: means of the changes (lowest to highest)");
          tableLines(seeds).forEach((line) => console.log(line));
        }
        for (const { ok, model, what, found } of proof.conditions) {
          if (!ok) failed++;
          console.log(`${ok ? "ok  " : "FAIL"} ${model}: ${what}: ${found}`);
        }
      }
      console.log(CAVEAT);
      const all = proofs.flatMap(({ conditions }) => conditions).length;
      console.log(`${all} conditions, ${failed} failed: ${options.out}/report.html`);
      return failed === 0 ? 0 : 1;
    },
  });
}
