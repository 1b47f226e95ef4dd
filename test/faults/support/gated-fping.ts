import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import type { Daemon } from '../../support/daemon.ts';

/** The real fping, but for the times when the file `gate` beside it says otherwise. */
export interface GatedFping {
	/** Path of a config file that names it. */
	readonly config: string;
	/** Shell commands that are run in fping's place; null: the real one. */
	gate(script: string | null): void;
}

export function fpingBehindAGate(daemon: Daemon): GatedFping {
	const command = daemon.path('gated-fping');
	const gatePath = daemon.path('gate');
	writeFileSync(command, `#!/bin/sh\nif [ -e ${gatePath} ]; then . ${gatePath}; fi\nexec fping "$@"\n`);
	chmodSync(command, 0o755);
	const config = daemon.path('config.yaml');
	writeFileSync(config, `probes:\n    fping:\n        command: ${command}\n`);
	return {
		config,
		gate: (script) => (script === null ? rmSync(gatePath, { force: true }) : writeFileSync(gatePath, script)),
	};
}
