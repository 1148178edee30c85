// The other engines are installed in this folder's node_modules: imports from here find them, those
// of the compiled benchmarks would not.

/** Imports a package of this folder, or the file of one. */
export const load = (name) => import(name);
