import { jsonText } from '../text/json-text.ts';

/** A run of a tool in SARIF, besides its driver. */
interface SarifRun {
  readonly name: string;
  readonly version: string;
  /** Rules with their descriptions. */
  readonly rules: readonly (readonly [id: string, text: string])[];
  /** The results, each with its ruleId, and further members of the run. */
  readonly run: Readonly<Record<string, unknown>>;
}

/** A SARIF 2.1.0 (OASIS) log with one run, with a final newline. */
export function sarifLog({ name, version, rules, run }: SarifRun): string {
  const described = rules.map(([id, text]) => ({ id, shortDescription: { text } }));
  const runs = [{ tool: { driver: { name, version, rules: described } }, ...run }];
  return `${jsonText({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs }, 2)}\n`;
}

/** Encodes a path segment of a URI reference. */
export function uriPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
}
