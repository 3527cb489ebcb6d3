import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { InputError } from "../../lib/core/errors.ts";
import { openPolicy, openRewardModel, openTeacher } from "../../lib/model/open.ts";
import { formOf, formsOf, SOURCES } from "../../lib/model/sources/sources.ts";
import { parseSpec } from "../../lib/model/spec.ts";

const context = defaultContext({ log: () => {}, env: () => undefined });
const specOf = ({ provider, rest }: { provider: string; rest?: string }) =>
  rest === undefined ? provider : `${provider}/ORG/NAME`;

Deno.test("every source's SPEC is read back, slashes of its name included", () => {
  for (const source of SOURCES) {
    const name = source.rest === undefined ? "" : "ORG/NAME";
    assert.deepEqual(parseSpec(specOf(source)), { provider: source.provider, name });
    if (source.rest !== undefined) {
      assert.throws(() => parseSpec(`${source.provider}/`), /what stands behind .* is missing/);
    }
  }
});

Deno.test("a source that a port lacks is refused with the SPECs that the port takes", async () => {
  const open = {
    teacher: (model: string) => openTeacher({ model, baseUrl: [] }, context),
    policy: (model: string) => openPolicy({ model, format: "chat", n: 1, baseUrl: [] }, context),
    reward: (rewardModel: string) => openRewardModel({ rewardModel, baseUrl: [] }, context),
  };
  let refused = 0;
  for (const port of ["teacher", "policy", "reward"] as const) {
    for (const source of SOURCES) {
      if (source[port]) {
        assert.ok(formsOf(port).split(", ").includes(formOf(source)));
        continue;
      }
      refused++;
      await assert.rejects(
        open[port](specOf(source)),
        (error) =>
          error instanceof InputError && error.message.endsWith(` is one of ${formsOf(port)}`),
      );
    }
  }
  assert.ok(refused > 3);
});

Deno.test("an address is looked at before anything is opened, whatever the source", async () => {
  for (const model of ["openai/m", "gemini/m", "vllm/m", "embedded"]) {
    await assert.rejects(
      openTeacher({ model, baseUrl: ["foo"] }, context),
      (error) => error instanceof InputError && /base URL "foo": not a URL/.test(error.message),
    );
  }
});

Deno.test("every file of a source is in the table of sources, and CHANGELOG.md tells of each", async () => {
  const folder = "lib/model/sources", changes = Deno.readTextFileSync("CHANGELOG.md");
  const providers = SOURCES.map(({ provider }) => provider);
  for (const { name } of Deno.readDirSync(folder)) {
    const source = Deno.readTextFileSync(`${folder}/${name}`);
    const [, exported] = /^export const (\w+): Source = /m.exec(source) ?? [];
    if (exported === undefined) continue;
    const { provider } = (await import(`../../${folder}/${name}`))[exported];
    assert.ok(
      providers.includes(provider),
      `${folder}/sources.ts: add ${exported} of ${name} to SOURCES`,
    );
  }
  for (const provider of providers) {
    const told = new RegExp(`\\b${provider}\\b`, "i").test(changes);
    assert.ok(told, `CHANGELOG.md: a sentence on ${provider}/… is lacking`);
  }
});
