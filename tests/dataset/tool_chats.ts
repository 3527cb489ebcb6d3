/** Chats with tools as datasets of the Hub hold them, for the tests of what builders make of them. */

export const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    description: 'The weather in a place, <now> & "here".',
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "A city: Köln, 北京" },
        days: { type: "integer" },
      },
      required: ["city"],
    },
  },
};

/** A question, two calls with a thought each, and their results. */
export const toolPrompt = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Is it warmer in Köln or in 北京?" },
  {
    role: "assistant",
    content: null,
    reasoning_content: "I look at Köln first.",
    tool_calls: [{
      id: "call_1",
      type: "function",
      function: { name: "get_weather", arguments: '{"city": "Köln", "days": 1}' },
    }],
  },
  { role: "tool", tool_call_id: "call_1", name: "get_weather", content: '{"celsius": 21.5}' },
  {
    role: "assistant",
    content: "",
    reasoning_content: "Now the other one.",
    tool_calls: [{
      id: "call_2",
      type: "function",
      function: { name: "get_weather", arguments: { city: "北京", days: 1 } },
    }],
  },
  { role: "tool", tool_call_id: "call_2", name: "get_weather", content: '{"celsius": 30}' },
];

/** Rows of an SFT set: with tools, with a call as its reply, and of words alone. */
export const toolRows = [
  {
    id: "plain",
    messages: [{ role: "user", content: "Hi" }],
    thought: "A greeting.",
    response: "Hi!",
  },
  {
    id: "answered",
    messages: [
      ...toolPrompt,
      { role: "assistant", content: "In 北京.", reasoning_content: "30 is more than 21.5." },
    ],
    tools: [WEATHER],
  },
  { id: "calls", messages: toolPrompt.slice(0, 3), tools: JSON.stringify([WEATHER]) },
];
