import { inWords } from './findings.ts';

/** A point of presence: a machine that measures for another. */
export interface Pop {
	readonly name: string;
	/** What orders choose it by. */
	readonly labels: Readonly<Record<string, string>>;
	/** Degrees north and east; null: nobody has said. */
	readonly place: Place | null;
}

export interface Place {
	readonly latitude: number;
	readonly longitude: number;
}

/** `here` and `local` are what this machine is called beside them. */
const ownNames: readonly string[] = ['here', 'local'];
/** Canaries of others have names of their own, percent-encoded. */
const canaryForm = /^[\w.%-]{1,200}$/;
const nameForm = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;

/** Why a point of presence cannot be called so, and the remedy; null when it can. */
export function wrongWithPopName(name: unknown): string | null {
	if (typeof name !== 'string' || !nameForm.test(name))
		return `must have 1 to 63 of a-z and 0-9, with . and - between, not ${inWords(name)}`;
	return ownNames.includes(name)
		? `cannot be ${name}, which means the hub itself. Choose another name`
		: null;
}

/** The first part of the ids of orders that a hub sent. */
export const hubFolder = '@hub';

/** How the files of an order that a point of presence measures are called below those of the order. */
export function popFolderOf(id: string, pop: string): string {
	return `${id}/@${pop}`;
}

/** The order and the point of presence that `ID/@POP` names; null when it names no such thing. */
export function popFolderIn(name: string): { readonly id: string; readonly pop: string } | null {
	const at = name.lastIndexOf('/@');
	if (at <= 0) return null;
	const id = name.slice(0, at);
	const pop = name.slice(at + 2);
	const isName = wrongWithPopName(pop) === null || (id.startsWith('@canary/') && canaryForm.test(pop));
	return isName ? { id, pop } : null;
}
