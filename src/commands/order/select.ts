import { nearest } from '../../model/nearest.ts';
import { globPattern } from '../../orders/glob.ts';
import type { OrderReport } from './report.ts';

/** The ids that each pattern names, without duplicates. A pattern that names none is trouble, and told. */
export function selectIds(
	patterns: readonly string[],
	ids: readonly string[],
	report: OrderReport,
): readonly string[] {
	const selected = new Set<string>();
	const known = new Set(ids);
	for (const pattern of patterns) {
		// An id may have a * in its name.
		const found = known.has(pattern) ? [pattern] : matching(pattern, ids);
		if (found.length === 0) report.trouble(`${pattern}: ${noneFor(pattern, ids)}`);
		for (const id of found) selected.add(id);
	}
	return [...selected];
}

function matching(pattern: string, ids: readonly string[]): readonly string[] {
	if (!/[*?]/.test(pattern)) return [];
	const glob = globPattern(pattern);
	return ids.filter((id) => glob.test(id));
}

function noneFor(pattern: string, ids: readonly string[]): string {
	if (/[*?]/.test(pattern)) return 'no order matches. See pingmachine order ls';
	if (ids.some((id) => id.startsWith(`${pattern}/`))) {
		return `is a folder. Write '${pattern}/**' for all orders below it`;
	}
	const near = nearest(pattern, ids);
	const hint = near === null ? 'See pingmachine order ls' : `Did you mean ${near}?`;
	return `there is no such order. ${hint}`;
}
