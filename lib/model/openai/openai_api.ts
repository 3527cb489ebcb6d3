/** Which of OpenAI's two APIs is spoken. */

/** The Responses API, or chat completions, which compatible servers speak. */
export type OpenaiApi = "responses" | "chat";

/** The API that the options call for: `responses` at OpenAI's own address, `chat` at any other. */
export function openaiApi(
  options: { api?: OpenaiApi; baseUrls?: readonly string[] },
): OpenaiApi {
  if (options.api) return options.api;
  const own = (options.baseUrls ?? []).every((url) => new URL(url).hostname === "api.openai.com");
  return own ? "responses" : "chat";
}
