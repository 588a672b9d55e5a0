const text = { type: 'string', minLength: 1 } as const;

function object(properties: Readonly<Record<string, object>>, ...optional: readonly string[]): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

function list(items: object, minItems = 0): object {
  return { type: 'array', items, minItems };
}

const MESSAGE = object({ text });

/** The part of SARIF 2.1.0 that kplay writes, as strict as the standard (OASIS, sections 3.13 to 3.52) and no wider than that. */
export const SARIF_SHAPE = object({
  $schema: text,
  version: { const: '2.1.0' },
  runs: list(
    object({
      tool: object({
        driver: object({
          name: text,
          version: text,
          rules: { ...list(object({ id: text, shortDescription: MESSAGE })), uniqueItems: true },
        }),
      }),
      invocations: list(
        object({
          executionSuccessful: { type: 'boolean' },
          endTimeUtc: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
        }),
      ),
      results: list(
        object({
          ruleId: text,
          ruleIndex: { type: 'integer', minimum: 0 },
          level: { enum: ['none', 'note', 'warning', 'error'] },
          message: MESSAGE,
          locations: list(
            object({
              physicalLocation: object({
                artifactLocation: object({ uri: { type: 'string', pattern: "^[A-Za-z0-9%:/?#@!$&'()*+,;=._~-]+$" } }),
              }),
              logicalLocations: list(
                object({ name: { type: 'string' }, fullyQualifiedName: { type: 'string' }, kind: text }),
              ),
            }),
            1,
          ),
          partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
        }),
      ),
    }),
    1,
  ),
});
