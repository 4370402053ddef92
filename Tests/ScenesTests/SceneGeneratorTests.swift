import Scenes
import Testing

@Suite struct SceneGeneratorTests {
}
