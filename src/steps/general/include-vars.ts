import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const texts = { type: 'array', items: { type: 'string', minLength: 1 } } as const;

const schema = {
  type: 'object',
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description: 'a variables file, which is searched in vars/ of the role, beside the tasks and beside the playbook',
      'x-free-form': true,
    },
    dir: {
      type: 'string',
      minLength: 1,
      description: 'a directory of such files, read in the order of their names',
    },
    name: {
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      description: 'one variable that gets all of them; default: each is a variable of its own',
    },
    depth: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'how many levels of directories are read, including dir itself; 0: all',
      'x-only-with': 'dir',
    },
    files_matching: {
      type: 'string',
      minLength: 1,
      description: 'a regular expression: only files in dir whose names match',
      'x-only-with': 'dir',
    },
    ignore_files: {
      ...texts,
      description: 'regular expressions for the ends of names: files in dir that are skipped',
      'x-only-with': 'dir',
    },
    extensions: {
      ...texts,
      description: 'file extensions to read in dir',
      default: ['yaml', 'yml', 'json'],
      'x-only-with': 'dir',
    },
    ignore_unknown_extensions: {
      type: 'boolean',
      default: false,
      description: 'skip files in dir with other extensions instead of refusing them',
      'x-only-with': 'dir',
    },
  },
  additionalProperties: false,
  'x-one-of': ['file', 'dir'],
} as const satisfies JsonSchemaObject;

const step: Step<ValueOf<typeof schema>> = {
  name: 'include_vars',
  summary: 'set variables of the host from a file, or from the files of a directory',
  details:
    'They are set until the run ends, including later plays. They take precedence over those of the inventory, the play and the task, but not over set_fact and register. Files are read where kplay runs, and before any host is contacted if their names are known by then.',
  schema,
  examples: [
    { title: 'By the kind of a cluster', task: 'include_vars: "{{ kind }}.yml"' },
    { title: 'As one variable', task: 'include_vars: { file: limits.yml, name: limits }' },
  ],
  includesVariables: true,
  needs: () => [],
  plan: () => {
    throw new Error('what include_vars reads is known before it is planned');
  },
};

export const includeVars = defineStep(step);
