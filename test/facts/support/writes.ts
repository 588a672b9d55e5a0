/** Programs and words that change a host. */
const WRITERS =
  'rm rmdir mv cp ln mkdir mknod mkfifo mktemp touch tee dd install truncate chmod chown chgrp chcon restorecon setfattr kill pkill killall reboot shutdown mount umount sync start stop restart reload enable disable mask apply create delete patch edit cordon drain crictl docker ctr nsenter'.split(
    ' ',
  );

/** What of a POSIX sh script would write: redirections into files, and commands that change something. Quoted programs for awk too. */
export function writesOf(script: string): readonly string[] {
  const { shell, quoted } = split(script.replace(/^ *#.*$/gm, ''));
  return [...redirections(shell), ...commands(shell), ...quoted.flatMap(awkWrites)];
}

/** The shell's own text, with an empty word in the place of each string in single quotes, and those strings. */
function split(script: string): { readonly shell: string; readonly quoted: readonly string[] } {
  const quoted: string[] = [];
  const shell = script.replace(/\\'|'([^']*)'/g, (whole, text: string | undefined) => {
    if (text === undefined) return whole;
    quoted.push(text);
    return '_';
  });
  return { shell, quoted };
}

/** Into anything but /dev/null and another descriptor. What stands in double quotes is a word. */
function redirections(shell: string): readonly string[] {
  const bare = shell.replace(/"[^"]*"/g, (text) => '_'.repeat(text.length));
  return [...bare.matchAll(/\d*(?:>>|>\||>)(?!&\d|\s*\/dev\/null\b)/g)].map(({ index, 0: sign }) =>
    shell.slice(index, index + sign.length + 20),
  );
}

/** What of a container runtime's program only asks. */
const ASKS =
  /\btool (crictl|docker)\b|\bcrictl=|\bdocker=|\$crictl"(?= \])|"\$(crictl|docker)"(?: --(?:runtime-endpoint|timeout) \S+)* (ps|inspect|version)\b/g;

function commands(all: string): readonly string[] {
  const shell = all.replace(ASKS, '_');
  const words = shell.split(/[\s;&|(){}`"$=]+/);
  return [
    ...words.filter((word) => WRITERS.includes(word.replace(/^.*\//, ''))),
    ...(shell.match(/\bsed -\w*i\b|-delete\b|-fprint\w*\b/g) ?? []),
    // It keeps what it learns of an API in its user's home.
    ...(shell.match(/^"\$kubectl" (?!.*--cache-dir=\/dev\/null).*$/gm) ?? []),
  ];
}

function awkWrites(program: string): readonly string[] {
  const bare = program.replace(/"(?:\\.|[^"\\])*"/g, (text) => `"${'_'.repeat(text.length - 2)}"`);
  const found = bare.matchAll(/\bsystem\s*\(|\bprintf?\b[^;}\n]*(?:>+|\|)\s*"[^"]*"/g);
  return [...found].map(({ index, 0: text }) => program.slice(index, index + text.length));
}
