// deno task sample-teacher --prompts PATH --model SPEC --out DIR --thinking simulated
import { runCommand } from "../lib/cli/command.ts";
import { estimateLines, estimateTeacher } from "../lib/teacher/estimate_teacher.ts";
import { sampleTeacher, SampleTeacherOptions } from "../lib/teacher/sample_teacher.ts";

if (import.meta.main) {
  await runCommand({
    name: "sample-teacher",
    summary: "asks a teacher for one thinking-annotated reply a prompt (stage 2a)",
    examples: [
      "sample-teacher --prompts prompts.jsonl --model embedded --out runs/teacher",
      "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher",
      "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher --estimate",
      "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher --batch",
      "sample-teacher --prompts prompts.jsonl --model gemini/gemini-3.8-flash --out runs/teacher --max-cost-usd 20",
    ],
    options: SampleTeacherOptions,
    resumable: true,
    run: async (options, context) => {
      if (!options.estimate) return await sampleTeacher(options, context);
      for (const line of estimateLines(await estimateTeacher(options, context))) console.log(line);
    },
  });
}
