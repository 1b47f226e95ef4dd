import { popFolderIn } from '../../model/pop.ts';
import { escapeJson } from '../../model/printable.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { isPlain } from '../terminal/text.ts';
import { type DaemonView, daemonRow } from './daemon.ts';

/** A row as one line of JSON. `view`: null when no daemon answers. */
export function jsonOf(row: StatusRow, view: DaemonView | null): string {
	const { id, ageSeconds, expiresInSeconds, pop = null } = row;
	const known = view === null ? null : daemonRow(popFolderIn(id)?.id ?? id, view);
	const json = JSON.stringify({
		id,
		user: row.user,
		probe: row.probe,
		target: row.target,
		step: row.stepSeconds,
		pings: row.pings,
		state: row.state,
		reason: row.reason,
		title: row.title,
		note: row.note,
		link: row.link,
		age: ageSeconds === null ? null : Math.round(ageSeconds),
		late: row.isLate,
		expires_in: expiresInSeconds === null ? null : Math.round(expiresInSeconds),
		result: row.result,
		in_daemon: known?.state ?? null,
		// The daemon counts what this machine measures.
		unknown: row.pop === undefined ? (known?.unknown ?? null) : null,
		pop,
	});
	return isPlain(json) ? json : escapeJson(json);
}
