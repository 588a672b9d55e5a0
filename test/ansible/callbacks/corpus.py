"""A callback of Ansible that writes what happened as JSON lines, for the comparison with kplay."""
import json
import os

from ansible.plugins.callback import CallbackBase

# What a result of debug holds besides the value that it shows.
FLAGS = ('changed', 'failed', 'item', 'ansible_loop_var', 'ansible_loop', 'skipped')
INCLUDES = ('include_tasks', 'include_role', 'import_role', 'import_tasks')


def _shown(entry):
    if 'msg' in entry:
        return [entry['msg']]
    named = [(key, value) for key, value in entry.items() if key not in FLAGS and not key.startswith('_ansible')]
    texts = [(key, value if isinstance(value, str) else json.dumps(value, separators=(',', ':'))) for key, value in named]
    return [key + ': ' + text for key, text in texts]


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'corpus'

    def __init__(self):
        super().__init__()
        self._out = open(os.environ['KPLAY_CORPUS_OUT'], 'w')
        self._extra = {}

    def _write(self, **entry):
        self._out.write(json.dumps(entry) + '\n')
        self._out.flush()

    def _ended(self, result, outcome):
        action = result._task.action.split('.')[-1]
        host = result._host.get_name()
        if action == 'meta':
            return
        if action in INCLUDES:
            # Ansible counts the including as a task.
            if outcome == 'skipped':
                self._uncount(host, outcome)
            return
        self._write(task=result._task.get_name(), host=host, outcome=outcome, said=self._said(action, result._result))

    @staticmethod
    def _said(action, result):
        if action != 'debug' or 'skip_reason' in result:
            return []
        entries = [entry for entry in result.get('results', [result]) if not entry.get('skipped')]
        return [said for entry in entries for said in _shown(entry)]

    def _uncount(self, host, what):
        counts = self._extra.setdefault(host, {})
        counts[what] = counts.get(what, 0) + 1

    def v2_runner_on_ok(self, result, **kwargs):
        self._ended(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._ended(result, 'ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self._ended(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self._ended(result, 'ignored' if result._task.ignore_unreachable else 'unreachable')

    def v2_playbook_on_include(self, included_file):
        for host in included_file._hosts:
            self._uncount(host.get_name(), 'ok')

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            without = self._extra.get(host, {})
            self._write(recap=host, counts={
                'ok': counts['ok'] - without.get('ok', 0),
                'changed': counts['changed'],
                'unreachable': counts['unreachable'],
                'failed': counts['failures'],
                'skipped': counts['skipped'] - without.get('skipped', 0),
                'rescued': counts['rescued'],
                'ignored': counts['ignored'],
            })
