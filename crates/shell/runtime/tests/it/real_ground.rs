//! The real ground alone.

use headwater_runtime::sync::oneshot;
use headwater_runtime::{ListenOptions, RealConfig, RealGround};
use std::time::Duration;

#[test]
fn a_connection_is_served_on_a_data_core() {
    let ground = RealGround::start(&RealConfig { data_cores: 2 }).unwrap();
    ground.block_on(|runtime| async move {
        let listener =
            runtime.listen("127.0.0.1:0".parse().unwrap(), ListenOptions::default()).await.unwrap();
        let address = listener.local_addr();
        let server = runtime.clone();
        runtime.spawn_detached("accept", async move {
            let incoming = listener.accept().await.unwrap();
            server.spawn_on(1, "serve", move |runtime| async move {
                assert_eq!(runtime.current_core(), 1);
                let stream = incoming.open(&runtime).unwrap();
                let mut buffer = [0; 5];
                stream.read_exact(&mut buffer).await.unwrap();
                stream.write_all(&buffer).await.unwrap();
            });
        });
        let stream = runtime.connect(address).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"hello");
        assert_eq!(stream.read(&mut answer).await.unwrap(), 0);

        let (sender, receiver) = oneshot::channel();
        let before = runtime.now();
        let sleeper = runtime.clone();
        runtime.spawn_detached("sleep", async move {
            sleeper.sleep(Duration::from_millis(20)).await;
            sender.send(7).unwrap();
        });
        assert_eq!(receiver.await, Ok(7));
        assert!(runtime.now() - before >= Duration::from_millis(20));
        let pool = runtime.io_pool("io", 2, 10).unwrap();
        assert_eq!(pool.run(|| 1 + 1).await, 2);
        assert!(runtime.timeout(Duration::from_millis(5), std::future::pending::<()>()).await.is_err());
    });
}
