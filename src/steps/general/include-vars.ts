import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const texts = { type: 'array', items: { type: 'string', minLength: 1 } } as const;

const schema = {
  type: 'object',
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description:
        'a file of variables: a name is looked for in vars/ of the role, beside the tasks and beside the playbook',
      'x-free-form': true,
    },
    dir: {
      type: 'string',
      minLength: 1,
      description: 'a directory of such files, which are read in the order of their names',
    },
    name: {
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      description: 'one variable that gets all of them; absent: each is a variable of its own',
    },
    depth: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'how many directories are read, dir itself among them; 0: all',
    },
    files_matching: {
      type: 'string',
      minLength: 1,
      description: 'a regular expression: of dir only files with such names',
    },
    ignore_files: {
      ...texts,
      description: 'regular expressions for the ends of names: files of dir that are left out',
    },
    extensions: { ...texts, description: 'what names of files of dir end in', default: ['yaml', 'yml', 'json'] },
    ignore_unknown_extensions: {
      type: 'boolean',
      default: false,
      description: 'leave out files of dir with other endings, in place of refusing them',
    },
  },
  additionalProperties: false,
  'x-one-of': ['file', 'dir'],
} as const satisfies JsonSchemaObject;

const step: Step<ValueOf<typeof schema>> = {
  name: 'include_vars',
  summary: 'give the host the variables of a file, or of the files of a directory',
  details:
    'They hold until the run ends, in later plays too: stronger than those of the inventory, the play and the task, weaker than what set_fact and register have set. Files are read where kplay runs, before anything is contacted as far as their names are known.',
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
