//! The door of the console: on loopback, until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use yichong_jobs::{App, JobError, Kind};

use super::{Console, router};

/// Listens where the configuration says.
pub async fn bind(app: &App) -> Result<TcpListener, JobError> {
    let address = app.config.console.listen;
    TcpListener::bind(address).await.map_err(|e| {
        JobError::new(
            Kind::Machine,
            format!("console.listen {address}: {e}; stop what listens there, or choose another port"),
        )
    })
}

/// Serves pages until `stop` is done; requests in work are finished.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), JobError> {
    let config = &app.config.console;
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()];
    names.extend(config.names.iter().cloned());
    let console = Arc::new(Console { secure: !config.names.is_empty(), names, app: Arc::clone(&app) });
    let service = router(console).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).await;
    served.map_err(|e| JobError::new(Kind::Machine, format!("the console: {e}")))
}
