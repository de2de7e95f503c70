import { describe, expect, it } from "vitest";
import { commands, langIn, nearest, parse } from "../../src/cli/parse.ts";
import { langOf, words } from "../../src/cli/words/index.ts";

const mistake = (line: string) => {
  const asked = parse(line.split(" ").filter(Boolean), words.en);
  return "mistake" in asked ? asked.mistake : undefined;
};

describe("the command line is taken apart", () => {
  it.each([
    ["", "help"],
    ["--help", "help"],
    ["help", "help"],
    ["--version", "version"],
    ["sync", "sync"],
    ["--lang de sync", "sync"],
    ["--config some.ts tail --after 3 --follow", "tail"],
    ["status --json", "status"],
  ])("%j is %s", (line, command) => expect(parse(line.split(" ").filter(Boolean), words.en)).toMatchObject({ command }));

  it.each([
    ["snyc", 'There is no command "snyc"; did you mean sync?'],
    ["zzzzzz", 'There is no command "zzzzzz". groupstream'],
    ["sync --jsno", "There is no option --jsno here; did you mean --json?"],
    ["sync --after 3", "There is no option --after here"],
    ["sync -x", "There is no option -x here"],
    ["tail --after", "--after needs a value."],
    ["tail --after --follow", "--after needs a value."],
    ["tail --after x", "--after must be a number of an entry"],
    ["tail --after -1", "--after"],
    ["tail --follow=yes", "--follow takes no value."],
    ["sync now", '"now" is too much'],
    ["sync --lang fr", "--lang must be en or de."],
    ["sync --json --text", "--json and --text exclude each other."],
  ])("%j is one sentence", (line, sentence) => {
    expect(mistake(line)).toContain(sentence);
    expect(mistake(line)).not.toContain("\n");
  });

  it("means only what is near", () => {
    expect(nearest("doctr", Object.keys(commands))).toBe("doctor");
    expect(nearest("calendar", Object.keys(commands))).toBeUndefined();
  });

  it("speaks the language asked for, else that of the environment", () => {
    expect(langOf(undefined, { LANG: "de_AT.UTF-8" })).toBe("de");
    expect(langOf(undefined, { LANG: "de_DE", LC_ALL: "C" })).toBe("en");
    expect(langOf("en", { LANG: "de_DE" })).toBe("en");
    expect(langOf(undefined, {})).toBe("en");
    expect(langOf(undefined, { LANG: "dev" })).toBe("en");
    expect(langIn(["sync", "--lang=de"])).toBe("de");
    expect(langIn(["sync", "--lang", "de"])).toBe("de");
  });
});
