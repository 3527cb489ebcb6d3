import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleTeacher } from "../../lib/teacher/sample_teacher.ts";
import { inFolder } from "../cli.ts";
import { MisbehavingServer } from "../faults/misbehaving_server.ts";
import { quickTime } from "../quick_time.ts";

Deno.test("vllm/NAME as a teacher sends VLLM_API_KEY, and OPENAI_API_KEY to nobody", () =>
  inFolder(async (folder) => {
    const keys: (string | null)[] = [];
    const server = new MisbehavingServer({ seed: 1, share: 0, faults: [] });
    const sending = (vllm: string | undefined, out: string) => {
      const set: Record<string, string | undefined> = {
        OPENAI_API_KEY: "sk-openai-key",
        VLLM_API_KEY: vllm,
      };
      const env = (name: string) => set[name];
      const send: typeof fetch = (input, init) => {
        keys.push(new Request(input, init).headers.get("authorization"));
        return server.fetch(input, init);
      };
      return sampleTeacher({
        prompts: join(folder, "prompts.jsonl"),
        model: "vllm/m",
        baseUrl: ["http://server.example"],
        out: join(folder, out),
      }, quickTime(1, { env, fetch: send }));
    };
    await Deno.writeTextFile(join(folder, "prompts.jsonl"), '{"prompt":"Question p1 ?"}');
    await sending("vllm-server-key", "with");
    await sending(undefined, "without");
    assert.equal(keys[0], "Bearer vllm-server-key");
    assert.ok(keys.length === 2 && !keys.some((key) => key?.includes("sk-openai")), `${keys}`);
  }));
