/** The key of an order that says what wrote it, where it was not a person. */
export const madeByKey = 'made_by';

/** What stands there in orders that came over HTTP: their user is the name of a token. */
export const madeByWeb = 'pingmachine web';
