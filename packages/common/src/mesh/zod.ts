/** The schema library's one door into this package: https://zod.dev */
export * as z from "zod";
