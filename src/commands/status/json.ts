import { popFolderIn } from '../../model/pop.ts';
import { escapeJson } from '../../model/printable.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { type DaemonView, daemonRow } from './daemon.ts';

/** A row as one line of JSON. `view`: null when no daemon answers. */
export function jsonOf(row: StatusRow, view: DaemonView | null): string {
	const { id, user, probe, target, stepSeconds: step, pings, state, reason, result, title, note, link } = row;
	const { ageSeconds: age, isLate: late, expiresInSeconds } = row;
	const expires_in = expiresInSeconds === null ? null : Math.round(expiresInSeconds);
	const told = { id, user, probe, target, step, pings, state, reason, title, note, link };
	const rounded = age === null ? null : Math.round(age);
	const known = view === null ? null : daemonRow(popFolderIn(id)?.id ?? id, view);
	// The daemon counts what this machine measures.
	const unknown = row.pop === undefined ? (known?.unknown ?? null) : null;
	const ofDaemon = { in_daemon: known?.state ?? null, unknown };
	const pop = row.pop ?? null;
	return escapeJson(JSON.stringify({ ...told, age: rounded, late, expires_in, result, ...ofDaemon, pop }));
}
