/** The tiny models that come with the library. */
import { InputError } from "../../core/errors.ts";
import type { Format } from "../../core/records.ts";
import type { Provider } from "./provider.ts";

export const embedded: Provider = {
  name: "embedded",
  about: "the tiny models that come with thinkset: for trying everything out, offline",
  async teacher() {
    const { embeddedChat } = await import("../embedded/embedded.ts");
    return await embeddedChat();
  },
  async policy(_, options, context) {
    const { embeddedTemplate, embeddedText } = await import("../embedded/embedded.ts");
    const { policyOf, templateIn } = await import("./policy.ts");
    const { tokenizer, format } = options;
    const template = tokenizer
      ? await templateIn(tokenizer, context)
      : await embeddedTemplate(neededFormat(format));
    return policyOf(await embeddedText(), template, options);
  },
  async reward() {
    const { embeddedReward } = await import("../embedded/embedded.ts");
    return await embeddedReward();
  },
};

function neededFormat(format: Format | undefined): Format {
  if (format) return format;
  throw new InputError(
    "--format is needed with --model embedded: prompted-think or prompted-nothink",
  );
}
