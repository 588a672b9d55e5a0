import { expect, test } from 'vitest';
import { hangCommand, hangQuoted } from '../../../src/report/text/hang-command.ts';

const ID = '20261124T151244Z-3f9c';

test.each<[string, width: number, lines: readonly string[]]>([
  [`its progress: kplay show ${ID} --state state`, 80, [`> its progress: kplay show ${ID} --state state`]],
  [`its progress: kplay show ${ID} --state state`, 50, ['> its progress:', `  kplay show ${ID} --state state`]],
  // A terminal breaks it, and gives it back whole.
  [`kplay show ${ID} --state state`, 30, [`> kplay show ${ID} --state state`]],
  [
    `its progress: kplay show ${ID}; if it has ended there: kplay resume ${ID} --has-ended`,
    60,
    [`> its progress: kplay show ${ID}; if it has`, '  ended there:', `  kplay resume ${ID} --has-ended`],
  ],
  [
    'remove it by hand, where nobody is at work any more: kplay unlock -l m1',
    60,
    ['> remove it by hand, where nobody is at work any more:', '  kplay unlock -l m1'],
  ],
  // What is said about kplay is wrapped like anything else.
  ['leave it: kplay renews nothing on such a host', 24, ['> leave it: kplay renews', '  nothing on such a host']],
])('a command at the end of a text stays whole: %s at %i', (text, width, lines) => {
  expect(hangCommand('> ', text, width)).toEqual(lines);
});

test.each([
  [
    'commands that fit are not broken',
    'try `one two` and `three four`; or not',
    ['> try one two and', '  three four; or not'],
  ],
  [
    'a wider one stands on a line of its own',
    'try `one two three four five`, and look',
    ['> try', '  one two three four five', '  and look'],
  ],
  ['also at the beginning', '`one two three four five` helps', ['> one two three four five', '  helps']],
])('of a text with commands in backticks, %s', (_, text, lines) => {
  expect(hangQuoted('> ', text, 20)).toEqual(lines);
});

test.each<[string, string, width: number, lines: readonly string[]]>([
  [
    'a command that fits',
    'find out why: crictl ps -a, journalctl -u kubelet -n 50; then run again',
    44,
    ['> find out why: crictl ps -a,', '  journalctl -u kubelet -n 50; then run', '  again'],
  ],
  [
    'one that is wider than the line',
    'fill the gap: kubectl config set-cluster prod --kubeconfig /etc/a.conf; then run again',
    50,
    ['> fill the gap:', '  kubectl config set-cluster prod --kubeconfig /etc/a.conf', '  then run again'],
  ],
  [
    'with a command inside of it',
    'if there are none: mount -o remount,rw "$(findmnt -no TARGET -T /etc)"; if lsattr shows i: chattr -i /etc',
    52,
    [
      '> if there are none:',
      '  mount -o remount,rw "$(findmnt -no TARGET -T /etc)"',
      '  if lsattr shows i: chattr -i /etc',
    ],
  ],
  [
    'in parentheses, with a list in some of its own',
    'decrypt it (cd /k && (umask 077; openssl pkey -in a -out b) && mv b a), and run again',
    58,
    ['> decrypt it (', '  cd /k && (umask 077; openssl pkey -in a -out b) && mv b a', '  ), and run again'],
  ],
  [
    'also where there is no room for the sign behind it',
    'look: crictl ps -a, or not',
    15,
    ['> look:', '  crictl ps -a', '  or not'],
  ],
  [
    'without a remark about it',
    'find out why: systemctl status containerd (or crio, cri-docker); start it',
    46,
    ['> find out why: systemctl status containerd', '  (or crio, cri-docker); start it'],
  ],
  [
    'in quotes',
    "compare it with what 'for k in /etc/ssh/*.pub; do ssh-keygen -lf $k; done' prints there",
    54,
    ['> compare it with what', "  'for k in /etc/ssh/*.pub; do ssh-keygen -lf $k; done'", '  prints there'],
  ],
  [
    'with an apostrophe in a quoted name',
    "correct it: chmod 600 '/root/it'\\''s/key'; if that does not help, see the user's shell",
    44,
    ["> correct it: chmod 600 '/root/it'\\''s/key';", "  if that does not help, see the user's", '  shell'],
  ],
  [
    'but what is said of a program is wrapped',
    'create the binding that kubeadm init and kubeadm upgrade create for it',
    30,
    ['> create the binding that', '  kubeadm init and', '  kubeadm upgrade create for', '  it'],
  ],
])('a command of the shell in a text stays whole: %s', (_, text, width, lines) => {
  expect(hangCommand('> ', text, width)).toEqual(lines);
});
