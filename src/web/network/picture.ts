import { type Html, html } from '../pages/html.ts';
import type { HopState, MapNode, NetworkMap } from './map.ts';

/** Colour and shape say the same, and so does the word in the title. */
const looks: Readonly<
	Record<HopState, { readonly fill: string; readonly dash: string; readonly mark: string }>
> = {
	up: { fill: '#2a9d6f', dash: 'none', mark: '' },
	down: { fill: '#c0392b', dash: '4 2', mark: '×' },
	different: { fill: '#7b5cc4', dash: '1 2', mark: '≠' },
	slow: { fill: '#c98a00', dash: '6 2', mark: '…' },
};

const column = 190;
const row = 52;
const margin = 30;
const groupGap = 14;
const labelMax = 24;
/** Lines end before a word, on the pages; the ground of other pictures is not known. */
const halo = html`stroke="var(--page, none)" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`;

interface Placed extends MapNode {
	readonly x: number;
	readonly y: number;
}

/**
 * The map as an SVG picture: from left to right as packets go, in each column the networks together.
 *
 * @param colour of lines and words; by default that of the text around it
 */
export function networkPicture(map: NetworkMap, colour: string | null = null): Html {
	const { placed, width, height } = place(map);
	const edges = [...map.edges.values()].flatMap(({ from, to, routes }) => {
		const [a, b] = [placed.get(from), placed.get(to)];
		return a === undefined || b === undefined ? [] : [{ a, b, routes }];
	});
	return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${labelOf(map)}" font-family="sans-serif" font-size="11" fill="currentColor"${colour === null ? null : html` color="${colour}"`}>
<g stroke="currentColor" stroke-opacity="0.5" fill="none">${edges.map(
		({ a, b, routes }) =>
			html`<path d="M${a.x} ${a.y}C${(a.x + b.x) / 2} ${a.y} ${(a.x + b.x) / 2} ${b.y} ${b.x} ${b.y}" stroke-width="${Math.min(5, 1 + Math.log2(routes) / 2)}"/>\n`,
	)}</g>
${[...placed.values()].map(nodeOf)}</svg>`;
}

function labelOf({ nodes, orders, isCut }: NetworkMap): string {
	return `Map of ${orders} ${orders === 1 ? 'route' : 'routes'} with ${nodes.size} hops${isCut ? ', not all of them' : ''}`;
}

function place(map: NetworkMap): { placed: Map<string, Placed>; width: number; height: number } {
	const columns = new Map<number, MapNode[]>();
	for (const node of map.nodes.values()) {
		const list = columns.get(node.distance);
		if (list === undefined) columns.set(node.distance, [node]);
		else list.push(node);
	}
	const placed = new Map<string, Placed>();
	let [height, width] = [2 * margin, 2 * margin];
	for (const [distance, nodes] of columns) {
		nodes.sort((a, b) => (a.as ?? 0) - (b.as ?? 0) || (a.address < b.address ? -1 : 1));
		const x = margin + (distance - 1) * column;
		let y = margin;
		for (const [at, node] of nodes.entries()) {
			if (at > 0 && node.as !== nodes[at - 1]?.as) y += groupGap;
			placed.set(node.address, { ...node, x, y });
			y += row;
		}
		height = Math.max(height, y + margin);
		width = Math.max(width, x + column);
	}
	return { placed, width, height };
}

function nodeOf({ address, name, as, asName, state, isTarget, routes, x, y }: Placed): Html {
	const { fill, dash, mark } = looks[state];
	const system = as === null ? '' : `AS${as}${asName === null ? '' : ` ${asName}`}`;
	const title = [address, name, system, state, `${routes} ${routes === 1 ? 'route' : 'routes'}`]
		.filter((word) => word !== null && word !== '')
		.join(', ');
	const shape = isTarget
		? html`<rect x="${x - 7}" y="${y - 7}" width="14" height="14" rx="2" fill="${fill}" stroke="currentColor" stroke-dasharray="${dash}"/>`
		: html`<circle cx="${x}" cy="${y}" r="7" fill="${fill}" stroke="currentColor" stroke-dasharray="${dash}"/>`;
	return html`<g><title>${title}</title>${shape}<text x="${x}" y="${y + 4}" text-anchor="middle" fill="#fff">${mark}</text><text x="${x - 7}" y="${y - 11}" ${halo}>${short(name ?? address)}</text><text x="${x - 7}" y="${y + 19}" font-size="10" ${halo}>${short(system)}</text></g>\n`;
}

function short(text: string): string {
	const characters = [...text];
	return characters.length <= labelMax ? text : `${characters.slice(0, labelMax - 1).join('')}…`;
}
