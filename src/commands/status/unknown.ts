import { notKnown } from '../../model/findings.ts';
import { excerpt, printable } from '../../model/printable.ts';
import type { Unselected } from '../../orders/selector.ts';
import type { StatusRow } from '../shared/status-row.ts';

/** For a word that selects no order. */
export function noneFor({ word, why, near }: Unselected): string {
	if (why === 'pattern') return `no order matches ${excerpt(word)}`;
	const hint = near === null ? '' : `. Did you mean ${excerpt(near)}?`;
	return `there is no order ${excerpt(word)}${hint}`;
}

/** A user or probe that no order has is more likely a slip than a question. */
export function unknownNames(
	rows: readonly StatusRow[],
	{ user, probe }: { readonly user?: string | undefined; readonly probe?: string | undefined },
): string[] {
	const errors: string[] = [];
	const check = (what: 'user' | 'probe', wanted: string | undefined) => {
		const known = new Set(rows.map((row) => row[what]).filter((name) => name !== null));
		if (wanted === undefined || known.has(wanted) || rows.length === 0) return;
		errors.push(`--${what}: ${printable(notKnown(what, wanted, [...known].slice(0, 10)))}`);
	};
	check('user', user);
	check('probe', probe);
	return errors;
}
