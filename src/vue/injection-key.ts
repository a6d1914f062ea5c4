/** Where `app.use(dataLayer)` puts the data layer. A plain symbol here, so that this needs no Vue to be loaded. */
export const dataLayerSymbol: unique symbol = Symbol('selfsame')
