import type { CheckFormat } from './findings.ts';

/** The formats of `kplay check -o` for programs. Each is a file of its own, loaded on demand. */
export const CHECK_FORMATS: Readonly<Record<string, () => Promise<CheckFormat>>> = {
  json: async () => (await import('./json.ts')).json,
  yaml: async () => (await import('./yaml.ts')).yaml,
  csv: async () => (await import('./csv.ts')).csv,
  prom: async () => (await import('./prom.ts')).prom,
  junit: async () => (await import('./junit.ts')).junit,
  sarif: async () => (await import('./sarif.ts')).sarif,
};
