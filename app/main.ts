import { createPinia } from 'pinia'
import { createApp } from 'vue'
import ReferenceApp from './ReferenceApp.vue'
import { installDemo } from './demo/demo.ts'
import './style.css'

const app = createApp(ReferenceApp)
app.use(createPinia())
const demo = installDemo(app)
app.mount('#app')
await demo.start()
