"""Runs playbooks with Ansible, each in a process of its own that has Ansible loaded already.

oracle.py PARALLEL DIRECTORY ARGUMENT... -- PLAYBOOK...: writes DIRECTORY/NAME.events, .log and .code for each, and its hosts
get DIRECTORY/NAME/HOST as root. A first line `# options: --tags x` gives a playbook options of its own.
"""
import os
import re
import shlex
import sys

from ansible.cli.playbook import PlaybookCLI


def options_in(playbook):
    with open(playbook) as file:
        found = re.match(r'# options: (.*)\n', file.read())
    return shlex.split(found.group(1)) if found else []


def play(directory, arguments, playbook):
    name = os.path.splitext(os.path.basename(playbook))[0]
    base = os.path.join(directory, name)
    os.environ['KPLAY_CORPUS_OUT'] = base + '.events'
    log = os.open(base + '.log', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = 1
    try:
        argv = ['ansible-playbook', *arguments, '-e', 'base=' + base, *options_in(playbook), playbook]
        if hasattr(PlaybookCLI, 'cli_executor'):
            PlaybookCLI.cli_executor(argv)
        else:
            code = PlaybookCLI(argv).run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        with open(base + '.code', 'w') as file:
            file.write(str(code))
    os._exit(0)


def main():
    parallel, directory, rest = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    at = rest.index('--')
    arguments, playbooks = rest[:at], rest[at + 1:]
    running = 0
    for playbook in playbooks:
        if running == parallel:
            os.wait()
            running -= 1
        if os.fork() == 0:
            play(directory, arguments, playbook)
        running += 1
    while running:
        os.wait()
        running -= 1


main()
