// webpack and React lie in this folder's node_modules: imports from here find them, those of the
// compiled modules would not.

/** Imports a package of this folder. */
export const load = (name) => import(name);
