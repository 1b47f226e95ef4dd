/** How much was lost, in eight steps that readers of SmokePing know: of its thresholds, in colours of our own. */

export interface Palette {
	readonly page: string;
	readonly text: string;
	readonly soft: string;
	readonly grid: string;
	/** By level of loss. */
	readonly loss: readonly string[];
	/** Behind rows with loss, by level; none behind those without. */
	readonly ground: readonly string[];
	/** Smoke from the outermost to the innermost band. */
	readonly smoke: readonly [from: number, to: number];
	/** Of the bar below the graph, where nothing was measured. */
	readonly unknown: string;
}

export const lightPalette: Palette = {
	page: '#ffffff',
	text: '#1b1f23',
	soft: '#555d66',
	grid: '#dfe3e7',
	loss: ['#1a8a3c', '#0091d5', '#0050c8', '#6f24d8', '#c2189f', '#d9580c', '#d11a1a', '#7a0010'],
	ground: ['', '#eef7fd', '#e6eefc', '#efe7fc', '#fbe6f6', '#fdeadd', '#fbdcdc', '#efd3d6'],
	smoke: [226, 96],
	unknown: '#c9ced4',
};

export const darkPalette: Palette = {
	page: '#14171a',
	text: '#e4e7ea',
	soft: '#a5adb6',
	grid: '#2a3036',
	loss: ['#3fd46b', '#4cc2ff', '#6f9dff', '#b58bff', '#ff7ae0', '#ffa05c', '#ff6b6b', '#ff3355'],
	ground: ['', '#17232b', '#182033', '#221c33', '#2e1a2b', '#33221a', '#3a1d1f', '#45141d'],
	smoke: [46, 150],
	unknown: '#4a525b',
};

export const levelCount = 8;

/** From how many lost pings on a level holds, of levels 1 to 5. */
function limitsOf(pings: number): readonly number[] {
	return [1, 2, 3, 4, 5].map((least, at) =>
		Math.max(least, Math.floor(pings * ([0.01, 0.05, 0.1, 0.25, 0.5][at] ?? 1))),
	);
}

/** 0: nothing was lost; 7: everything. */
export function lossLevel(lost: number, pings: number): number {
	if (!(lost > 0)) return 0;
	if (lost >= pings) return 7;
	const level = limitsOf(pings).findIndex((limit) => lost <= limit) + 1;
	return level === 0 || lost >= pings - 1 ? 6 : level;
}

/** What stands beside the colours: `0`, `1`, `2`, `3`, `4-5`, `6-10`, `11-19`, `20 of 20`. Levels that cannot be are null. */
export function levelWords(pings: number): readonly (string | null)[] {
	const counts = Array.from({ length: levelCount }, (): number[] => []);
	for (let lost = 0; lost <= pings; lost++) counts[lossLevel(lost, pings)]?.push(lost);
	return counts.map((list, level) => {
		const [first, last] = [list[0], list.at(-1)];
		if (first === undefined) return null;
		const span = first === last ? String(first) : `${first}-${last}`;
		return level === 7 ? `${span} of ${pings}` : span;
	});
}

/** The grey of a band. */
export function smokeColour({ smoke: [from, to] }: Palette, depth: number): string {
	const grey = Math.round(from + (to - from) * depth);
	return `rgb(${grey},${grey},${grey})`;
}
