import type { PublicPart } from '../../config/web-setting.ts';
import type { Asked } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import type { Html } from './html.ts';

/** What a page is made for. */
export interface PageContext {
	readonly parts: WebParts;
	/** Who asks, the parts of the path, the parameters. */
	readonly asked: Asked;
	readonly nowSeconds: number;
}

/** A page: an address, and sections that rooms register for it. */
export interface Page {
	/** For sections, and `data-page` of the body. */
	readonly name: string;
	/** As in a route: `/orders/:id`. */
	readonly path: string;
	/** Where it stands in the navigation; those without stand there not at all. */
	readonly nav?: { readonly label: string; readonly order: number };
	/** By which word of `public:` it needs no token; by default `pages`. */
	readonly part?: PublicPart;
	/** Its heading and the title of its window. Throws a `RequestFault` where there is no such page. */
	title(context: PageContext): string | Promise<string>;
}

/** A part of a page. One that fails says so in its place, and the others are shown. */
export interface Section {
	/** The element's id, and its anchor. */
	readonly id: string;
	/** The name of the page. */
	readonly page: string;
	/** Ascending from top to bottom. */
	readonly order: number;
	/** Its heading. */
	readonly title: string;
	/** The page's own heading is enough: this one is for screen readers alone. */
	readonly isTitleHidden?: true;
	/** A module and a style sheet of `src/web/browser`, by file name: `overview.js`, `overview.css`. */
	readonly script?: string;
	readonly style?: string;
	/** Null: there is nothing to show here. */
	render(context: PageContext): Html | null | Promise<Html | null>;
}

/** What a room gives: its pages, and sections of its own and of other rooms' pages. */
export interface PageRoom {
	readonly pages: readonly Page[];
	readonly sections: readonly Section[];
}
