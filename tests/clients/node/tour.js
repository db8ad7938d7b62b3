// What all tours share: the questions, and one way to print.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";

export const questions = readFileSync(`${process.argv[2]}/../../../demo/questions.sql`, "utf8")
  .split("\n\n")
  .map((block) => block.trim().replace(/;$/, ""))
  .filter(Boolean)
  .slice(0, 3);

export function show(title, value) {
  console.log(`${title}: ${inspect(value, { depth: 6, breakLength: Infinity, compact: 3, maxArrayLength: null })}`);
}

export async function attempt(title, action) {
  try {
    show(title, await action());
  } catch (error) {
    const e = error.cause ?? error;
    console.log(`${title}: ${e.code} ${e.message} ${e.position ?? ""} ${e.detail ?? ""} ${e.hint ?? ""}`);
  }
}
