{
 "version": 1,
 "summary": "Interrupted. 1 host to change, 0 unchanged, 0 refused. Nothing was written. 0.0s.",
 "runId": "20261128T072241Z-ba99",
 "command": "plan",
 "source": "/tmp/kplay-controller-EkkbR7/play.yml",
 "kplayVersion": "0.1.0",
 "writes": false,
 "startedAt": "2026-11-28T07:22:41.290Z",
 "hosts": [],
 "plays": [
  {
   "play": "all",
   "startedAt": "2026-11-28T07:22:41.291Z",
   "hosts": ["here"],
   "plans": [
    {
     "plan": {
      "play": "all",
      "order": {"name": "linear", "reason": "all hosts side by side", "batches": [["here"]]},
      "tasks": [{"path": "tasks.0", "name": "copy", "step": "copy", "position": {"file": "/tmp/kplay-controller-EkkbR7/play.yml", "line": 3, "column": 7}}],
      "hosts": [
       {
        "host": "here",
        "tasks": [{"action": "change", "changes": [{"kind": "create", "target": "/made", "before": null, "after": {"content": "x\n"}, "summary": "new", "disruptive": false}], "path": "tasks.0"}]
       }
      ]
     },
     "totals": {"change": 1, "mayChange": 0, "unchanged": 0, "refused": 0, "changes": 1}
    }
   ],
   "tasks": [],
   "troubles": [],
   "undos": []
  }
 ],
 "troubles": [],
 "wasInterrupted": true,
 "end": {
  "endedAt": "2026-11-28T07:22:41.353Z",
  "elapsedMs": 63,
  "exitCode": 130,
  "next": ["kplay plan /tmp/kplay-controller-EkkbR7/play.yml -i /tmp/kplay-controller-EkkbR7/here.yml --out /tmp/kplay-controller-EkkbR7/a.kplan --report json=r"]
 },
 "failures": []
}
