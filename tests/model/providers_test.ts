import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { InputError } from "../../lib/core/errors.ts";
import { openPolicy, openRewardModel, openTeacher } from "../../lib/model/open.ts";
import { formOf, formsOf, PROVIDERS } from "../../lib/model/providers/providers.ts";
import { parseSpec } from "../../lib/model/spec.ts";

const context = defaultContext({ log: () => {}, env: () => undefined });
const specOf = ({ name, rest }: { name: string; rest?: string }) =>
  rest === undefined ? name : `${name}/ORG/NAME`;

Deno.test("every provider's SPEC is read back, slashes of its name included", () => {
  for (const provider of PROVIDERS) {
    const name = provider.rest === undefined ? "" : "ORG/NAME";
    assert.deepEqual(parseSpec(specOf(provider)), { provider: provider.name, name });
    if (provider.rest !== undefined) {
      assert.throws(() => parseSpec(`${provider.name}/`), /what stands behind .* is missing/);
    }
  }
});

Deno.test("a provider that a port lacks is refused with the SPECs that the port takes", async () => {
  const open = {
    teacher: (model: string) => openTeacher({ model, baseUrl: [] }, context),
    policy: (model: string) => openPolicy({ model, format: "chat", n: 1, baseUrl: [] }, context),
    reward: (rewardModel: string) => openRewardModel({ rewardModel, baseUrl: [] }, context),
  };
  let refused = 0;
  for (const port of ["teacher", "policy", "reward"] as const) {
    for (const provider of PROVIDERS) {
      if (provider[port]) {
        assert.ok(formsOf(port).split(", ").includes(formOf(provider)));
        continue;
      }
      refused++;
      await assert.rejects(
        open[port](specOf(provider)),
        (error) =>
          error instanceof InputError && error.message.endsWith(` is one of ${formsOf(port)}`),
      );
    }
  }
  assert.ok(refused > 3);
});

Deno.test("an address is looked at before anything is opened, whatever the provider", async () => {
  for (const model of ["openai/m", "gemini/m", "vllm/m", "embedded"]) {
    await assert.rejects(
      openTeacher({ model, baseUrl: ["foo"] }, context),
      (error) => error instanceof InputError && /base URL "foo": not a URL/.test(error.message),
    );
  }
});

Deno.test("every file of a provider is in the table of providers, and CHANGELOG.md tells of each", async () => {
  const folder = "lib/model/providers", changes = Deno.readTextFileSync("CHANGELOG.md");
  const names = PROVIDERS.map(({ name }) => name);
  for (const { name } of Deno.readDirSync(folder)) {
    const source = Deno.readTextFileSync(`${folder}/${name}`);
    const [, exported] = /^export const (\w+): Provider = /m.exec(source) ?? [];
    if (exported === undefined) continue;
    const provider = (await import(`../../${folder}/${name}`))[exported];
    assert.ok(
      names.includes(provider.name),
      `${folder}/providers.ts: add ${exported} of ${name} to PROVIDERS`,
    );
  }
  for (const name of names) {
    const told = new RegExp(`\\b${name}\\b`, "i").test(changes);
    assert.ok(told, `CHANGELOG.md: a sentence on ${name}/… is lacking`);
  }
});
